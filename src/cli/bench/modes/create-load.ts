import type { Clock } from "../clock.ts";
import type { Load } from "../load.ts";
import type { ResolvedBenchOptions } from "../options.ts";
import type { Tally } from "../tally.ts";
import { ConnectLoad, type ConnectOptions } from "./connect.ts";
import { EchoLoad } from "./echo.ts";
import { FanoutLoad, type RoundEvents } from "./fanout.ts";
import { IdleLoad } from "./idle.ts";
import { RateLoad } from "./rate.ts";

/** What modes need of the process that they are in. */
export interface LoadSetting {
  readonly tally: Tally;
  readonly clock: Clock;
  readonly rounds: RoundEvents;
  readonly connecting: ConnectOptions;
}

/** The mode that was asked for. */
export function createLoad(options: ResolvedBenchOptions, setting: LoadSetting): Load {
  const { tally, clock } = setting;
  const prompt = options.answer === undefined ? undefined : Buffer.from(options.answer.prompt);
  switch (options.mode) {
    case "echo":
      return new EchoLoad(tally, options.depth, prompt);
    case "fanout":
      return new FanoutLoad(tally, prompt, setting.rounds);
    case "rate":
      return new RateLoad(tally, { rate: options.rate, hasGroups: options.hasGroups }, { clock, prompt });
    case "connect":
      return new ConnectLoad(tally, setting.connecting);
    case "idle":
      return new IdleLoad(tally, prompt);
  }
}
