import { openCache } from "../../../src/pools/cache/open-cache.ts";
import { cacheContract } from "../../support/cache-contract.ts";

cacheContract("memory:", (options) => openCache("memory:", options));
