// The package has no types of its own; what is used of it is in pg-module.ts.
declare module "pg-cursor";
