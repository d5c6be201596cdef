// Which room may know which: imports go to a lower level only, and enter a room by its index.ts.
// scripts/check-layers.mjs runs this, and makes sure that it really looked at every file.

const levels = [
  ["errors", "internal"],
  ["websocket", "diagnostics"],
  ["transport", "pools"],
  [],
  ["admin"],
  ["server"],
  ["cli"],
];

// Those who don't use them needn't install them: each is loaded by what is configured to need it.
const optional = Object.keys(require("./package.json").peerDependencies);
const ofPackages = (names) => `^node_modules/(${names.join("|")})/`;

// Rooms without an index.ts: each file is a thing of its own, and is imported by its own name.
const openRooms = ["internal"];

// The core of the protocol is bytes in, events and bytes out. These do no I/O.
const pureModules = ["buffer", "crypto", "zlib"];

const inRoom = (rooms) => `^src/(${rooms.join("|")})/`;

const upwards = levels.flatMap((rooms, level) =>
  rooms.map((room) => {
    const others = levels
      .slice(level)
      .flat()
      .filter((other) => other !== room);
    return {
      name: `${room}-knows-only-lower-rooms`,
      comment: `${room} is on level ${level}; it may import from the levels below it only.`,
      severity: "error",
      from: { path: inRoom([room]) },
      to: { path: [...(others.length > 0 ? [inRoom(others)] : []), "^src/[^/]+[.]ts$"] },
    };
  }),
);

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    ...upwards,
    {
      name: "rooms-are-entered-by-their-index",
      comment: "From outside, import a room's index.ts; what it does not export is its own.",
      severity: "error",
      from: { path: "^src/([^/]+)/" },
      to: { path: "^src/[^/]+/", pathNot: ["^src/$1/", "^src/[^/]+/index[.]ts$", inRoom(openRooms)] },
    },
    {
      name: "public-api-enters-by-index",
      comment: "The public API re-exports what the rooms' index.ts export.",
      severity: "error",
      from: { path: "^src/[^/]+[.]ts$" },
      to: { path: "^src/[^/]+/", pathNot: ["^src/[^/]+/index[.]ts$"] },
    },
    {
      name: "websocket-touches-no-io",
      comment: `The websocket room is sans-I/O: of Node's modules it may use ${pureModules.join(", ")} only.`,
      severity: "error",
      from: { path: inRoom(["websocket"]) },
      to: { dependencyTypes: ["core"], pathNot: `^(node:)?(${pureModules.join("|")})$` },
    },
    {
      name: "low-rooms-have-no-packages",
      comment: "The engine depends on no package; those are for options, files and the command line.",
      severity: "error",
      from: {
        path: inRoom(
          levels
            .slice(0, 3)
            .flat()
            .filter((room) => room !== "pools"),
        ),
      },
      to: { dependencyTypes: ["npm", "npm-dev", "npm-optional", "npm-peer"] },
    },
    {
      name: "src-ships-without-dev-packages",
      comment:
        "What src imports is installed with the package: a dependency, not a devDependency or nothing.",
      severity: "error",
      from: { path: "^src/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "unknown"],
        pathNot: ofPackages(optional),
      },
    },
    {
      name: "drivers-stay-in-their-leaves",
      comment: "An optional package is known to the one leaf that needs it.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: ["^src/kysely[.]ts$", "^src/pools/(cache|database)/(redis|mysql|postgres)/"],
      },
      to: { path: ofPackages(optional) },
    },
    {
      name: "src-ships-without-tests",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|bench|scripts)/" },
    },
    {
      name: "page-stands-alone",
      comment:
        "The page runs in a browser and talks to the server as any client would; it imports its own files only.",
      severity: "error",
      from: { path: "^src/admin/page/" },
      to: { pathNot: "^src/admin/page/" },
    },
    { name: "resolvable", severity: "error", from: { path: "^src/" }, to: { couldNotResolve: true } },
    {
      name: "no-cycles",
      severity: "error",
      from: { path: "^src/" },
      // Types may refer to each other: such imports are gone at run time.
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "types"] },
  },
};
