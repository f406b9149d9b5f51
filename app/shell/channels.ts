import { type EventName, eventNames } from "../contract/index.ts";

/** Names of the IPC channels between preload and main. There are no others. */
export const callChannel = "holoscope:call";
/** The page reports that it now listens to an event. */
export const subscribedChannel = "holoscope:subscribed";

/** The channel on which main pushes one event of the contract. */
export function eventChannel(event: EventName): string {
  return `holoscope:event:${event}`;
}

/** True for the names of the contract's events. */
export function isEventName(name: string): name is EventName {
  return eventNames.some((known) => known === name);
}
