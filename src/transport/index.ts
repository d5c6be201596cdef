export { Admission } from "./admission.ts";
export type { ByteStream, StreamReader } from "./byte-stream.ts";
export type { Callbacks, Drop } from "./callbacks.ts";
export type { Connection, ConnectionRequest, SendOptions } from "./connection-api.ts";
export { checkMessage } from "./connection-arguments.ts";
export {
  type CompressionOptions,
  type ConnectionOptions,
  compressionDefaults,
  connectionDefaults,
  type KeepaliveOptions,
  type ReceiveOptions,
  type SendBufferOptions,
  type SlowConsumerPolicy,
} from "./connection-options.ts";
export { type ConnectionProfile, connectionProfile, type Handler } from "./connection-profile.ts";
export { StreamRequest } from "./connection-request.ts";
export { connectionsWithin, descriptorLimit } from "./descriptor-limit.ts";
export { type Dialer, dial } from "./dial.ts";
export { DuplexStream } from "./duplex-stream.ts";
export { Engine } from "./engine.ts";
export { type Decision, FrontDoor } from "./front-door.ts";
export { Group } from "./group.ts";
export { Listener } from "./listener.ts";
export type { RefusalCause, ServerStats } from "./server-stats.ts";
export { type TransportChoice, transportFromEnvironment } from "./transport-choice.ts";
export { WebSocketConnection } from "./websocket-connection.ts";
