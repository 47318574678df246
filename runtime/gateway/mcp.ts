import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { OutsideCaller } from "../core/ports/outside_caller.ts";
import type { Rpc } from "./rpcs.ts";
import type { Slots } from "./slots.ts";
import { errorResult, type ToolResult, toolResult } from "./tool_result.ts";
import { toolsOf } from "./tools.ts";

/** What tools are made of. */
export interface McpParts {
  readonly caller: OutsideCaller;
  readonly slots: Slots;
  /** Calls the listener whenever the functions have changed. Returns what ends that. */
  readonly onChange: (listener: () => void) => () => void;
  /** The release of Hopper. */
  readonly version: string;
}

/** Milliseconds that a tool may take. */
const toolMs = 60_000;

/**
 * Answers a request of the Model Context Protocol, without a session: `rpcs` are those that its client may call now. A
 * client that opens a stream with GET is told of changes.
 */
export async function answerMcp(parts: McpParts, request: Request, rpcs: () => Rpc[]): Promise<Response> {
  const { WebStandardStreamableHTTPServerTransport } = await import(
    "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js"
  );
  const server = await serverOf(parts, rpcs);
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse: true,
  });
  await server.connect(transport);
  const off = request.method === "GET"
    ? parts.onChange(() => void server.sendToolListChanged().catch(() => {}))
    : () => {};
  const end = () => {
    off();
    void server.close();
  };
  request.signal.addEventListener("abort", end, { once: true });
  const response = await transport.handleRequest(request);
  if (request.method === "GET" && response.ok) return response;
  end();
  return response;
}

async function serverOf({ caller, slots, version }: McpParts, rpcs: () => Rpc[]): Promise<Server> {
  const [{ Server }, { CallToolRequestSchema, ErrorCode, ListToolsRequestSchema, McpError }] = await Promise
    .all([import("@modelcontextprotocol/sdk/server/index.js"), import("@modelcontextprotocol/sdk/types.js")]);
  const server = new Server({ name: "hopper", version }, {
    capabilities: { tools: { listChanged: true } },
    debouncedNotificationMethods: ["notifications/tools/list_changed"],
    jsonSchemaValidator: noValidator,
  });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [...toolsOf(rpcs()).values()].map(({ rpc: _, isWrapped: __, ...tool }) => tool),
  }));
  server.setRequestHandler(
    CallToolRequestSchema,
    async ({ params }: ToolCall, { signal }: Asked): Promise<ToolResult> => {
      const tool = toolsOf(rpcs()).get(params.name);
      if (tool === undefined) {
        throw new McpError(
          ErrorCode.InvalidParams,
          `There is no tool '${params.name}'`,
        );
      }
      const { arguments: given = {} } = params;
      const body = new TextEncoder().encode(JSON.stringify(tool.isWrapped ? given.input : given) ?? "null");
      try {
        const options = { contentType: "application/json", timeout: toolMs, signal };
        return await toolResult(tool, await slots.use(() => caller.request(tool.rpc.name, body, options)));
      } catch (error) {
        const result = errorResult(error);
        if (result === undefined) throw new McpError(ErrorCode.InternalError, "The tool could not be called");
        return result;
      }
    },
  );
  return server;
}

/** A request that calls a tool. */
interface ToolCall {
  readonly params: { readonly name: string; readonly arguments?: Readonly<Record<string, unknown>> };
}

/** How a request came. */
interface Asked {
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

// It is for what clients are asked, and nothing is asked here; the default one takes longer to make than an answer.
const noValidator = {
  getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: "Nothing was asked" }),
};
