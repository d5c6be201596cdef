export { type Health, healthRoute } from "./health-route.ts";
export { httpRouter } from "./http-router.ts";
export { LiveFigures } from "./live-figures.ts";
export { pageRoute } from "./page-route.ts";
export { statsRoute } from "./stats-route.ts";
export { webSocketRoute } from "./web-socket-route.ts";
