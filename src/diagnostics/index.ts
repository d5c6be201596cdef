export { type Channels, channels } from "./channels.ts";
export { LoopUtilization } from "./loop-utilization.ts";
