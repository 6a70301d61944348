import type { Catalogue } from "@/i18n/en";

import type { Tool } from "./mcp";

/** Arguments to begin with: what is required, and nothing that deletes. */
export function example(t: Catalogue, tool: Tool): string {
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(tool.inputSchema.properties ?? {})) {
    if (!tool.inputSchema.required?.includes(name)) continue;
    values[name] =
      name === "query"
        ? t.playground.exampleQuery
        : name === "text"
          ? t.playground.exampleText
          : schema.type === "array"
            ? []
            : schema.type === "boolean"
              ? false
              : "";
  }
  // What is typed here is a person's own word.
  if (tool.name === "add_memories" && tool.inputSchema.properties?.force) values.force = true;
  // A model reads lines; a person wants to see why a hit stands where it does.
  if (tool.inputSchema.properties?.detail) values.detail = "full";
  return JSON.stringify(values, null, 2);
}
