// What a model pays to read: the list of tools, and what a search answers, counted by the tokenizer of GPT-4o and its followers.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { encode } from "gpt-tokenizer/encoding/o200k_base";

const { JMEM, JMEM_USER } = process.env;

const jmem = (...args) => JSON.parse(execFileSync(JMEM, [...args, "--json"], { encoding: "utf8" }));

// A person of their own, and an endpoint for a client of this name.
async function connected(name) {
  const email = `${name}-cost-${process.pid}@example.com`;
  jmem("user", "create", email);
  const endpoint = jmem("endpoint", "create", "--user", email, "--client", name);
  const client = new Client({ name, version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(endpoint.http_url)));
  return client;
}

for (const profile of ["claude", "chatgpt"]) {
  test(`the tools of ${profile} take at most 1,500 tokens`, async () => {
    const client = await connected(profile);
    const { tools } = await client.listTools();
    const tokens = encode(JSON.stringify({ tools })).length;
    console.log(`tools/list of ${profile}: ${tokens} tokens for ${tools.length} tools`);
    assert.ok(tokens <= 1500, `${tokens} tokens`);
    await client.close();
  });
}

test("ten hits of 25 words cost at most 1.6 times their texts, in the text and in the structured part", async () => {
  const client = await connected("cost");
  const said = [
    "Maria is allergic to peanuts and carries two pens of epinephrine in her backpack whenever the family takes the night train to Porto in summer.",
    "The team moved the billing service from MySQL to Postgres after the outage in March, and Jonas wrote the plan for it over one weekend.",
    "Grandfather built the wooden boat himself in the winter of 1962 and named it after a dog that he had lost the year before that.",
    "For the workshop in Lyon she needs a projector, twelve chairs, a quiet room with daylight and coffee without sugar at nine in the morning.",
    "He would rather be answered in short sentences, with numbers in metric units, and never wants to be asked whether he is quite sure about it.",
    "The old piano in the hall may not be moved because the floor below it is rotten, which the carpenter will repair in early autumn.",
    "Our cat Pelle eats only dry food since the operation, and the veterinarian wants to see him again on the second Tuesday of next month.",
    "She learned Norwegian by reading children's books aloud to her neighbour, who corrected each vowel and was paid for it with apple cake and stories.",
    "The deploy script expects a tag that begins with release, refuses a dirty tree, and sends its log to the channel that operators watch at night.",
    "They plan to cycle along the Danube from Passau to Vienna in May, sleeping in small inns, unless the river is as high as last year.",
  ];
  for (const text of said) {
    const words = text.split(" ").length;
    assert.ok(words >= 24 && words <= 26, `${words} words: ${text}`);
    const added = await client.callTool({ name: "add_memories", arguments: { text, infer: false } });
    assert.ok(!added.isError, added.content[0].text);
  }
  const count = (text) => encode(text).length;
  const texts = said.reduce((sum, text) => sum + count(text), 0);
  const answer = await client.callTool({ name: "search_memory", arguments: { query: "What is there to know?", threshold: 0 } });
  assert.equal(answer.structuredContent.lines.length, 10);
  const ratios = { text: count(answer.content[0].text) / texts, structured: count(JSON.stringify(answer.structuredContent)) / texts };
  const full = await client.callTool({ name: "search_memory", arguments: { query: "What is there to know?", threshold: 0, detail: "full" } });
  console.log(
    `ten hits: text ${ratios.text.toFixed(2)} x, structured ${ratios.structured.toFixed(2)} x; in full ` +
      `${(count(full.content[0].text) / texts).toFixed(2)} x and ${(count(JSON.stringify(full.structuredContent)) / texts).toFixed(2)} x`,
  );
  for (const [part, ratio] of Object.entries(ratios)) assert.ok(ratio <= 1.6, `${part}: ${ratio}`);
  await client.close();
});
