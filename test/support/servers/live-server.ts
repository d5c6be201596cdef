/** A real server that a test may do with as it likes. It is ended when the process of the test ends, however that ends. */
export interface LiveServer {
  /** The URL that a client connects with, with user, password and database where there are such. */
  readonly url: string;
  /** The port on 127.0.0.1, the same after a restart. */
  readonly port: number;
  /** Ends it as an operator would: it closes its connections and writes down what it has. */
  stop(): Promise<void>;
  /** Ends it as a loss of power would (SIGKILL). Its clients see their connections break. */
  kill(): Promise<void>;
  /** Stops all its processes (SIGSTOP): connections stay open, and nothing answers. */
  pause(): void;
  /** Lets it go on after {@link LiveServer.pause}. */
  resume(): void;
  /** Starts it again, on the same port and with the data it had; stops it before, if it runs. */
  restart(): Promise<void>;
}
