import { isCallToolResult, type JSONRPCMessage } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";

/** Characters that are kept of a failure's beginning, where it says what happened. */
const keptStart = 300;
/** And of its end, where the hint is; the longest hint lists the kinds of elements that a model knows. */
const keptEnd = 600;

/** A long text is one that repeats what was given by mistake, such as an image in the place of a path or an option. */
function cut(text: string): string {
  if (text.length <= keptStart + keptEnd) return text;
  // Halves of characters would make some clients refuse the message.
  return `${text.slice(0, keptStart)} … ${text.slice(-keptEnd)}`.replaceAll(/\p{Surrogate}/gu, "");
}

function withShortFailure(message: JSONRPCMessage): JSONRPCMessage {
  if ("error" in message) return { ...message, error: { ...message.error, message: cut(message.error.message) } };
  if (!("result" in message) || message.result.isError !== true || !isCallToolResult(message.result)) return message;
  const content = message.result.content.map((each) =>
    each.type === "text" ? { ...each, text: cut(each.text) } : each,
  );
  return { ...message, result: { ...message.result, content } };
}

/**
 * Sends failures cut to a length that a model can read. Here, since not all are made by the tools: the SDK itself refuses
 * unknown tools and options, and names them.
 */
export class ShortFailuresTransport extends StdioServerTransport {
  override send(message: JSONRPCMessage): Promise<void> {
    return super.send(withShortFailure(message));
  }
}
