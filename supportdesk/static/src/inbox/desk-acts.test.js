import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskError } from "../shared/errors.js";
import { DeskActs, isDoneAlready } from "./desk-acts.js";

const refusal = (/** @type {Record<string, unknown>} */ details) =>
  new DeskError("already_decided", "Milo has approved this already.", details);

test("what oneself has decided just so before is no error, a colleague's decision is one", () => {
  const mine = refusal({ winner: { id: "me" }, status: "completed" });
  assert.ok(isDoneAlready(mine, { decision: "approve" }, "me"));
  assert.ok(!isDoneAlready(mine, { decision: "deny" }, "me"), "it has run, although it is denied now");
  assert.ok(isDoneAlready(refusal({ winner: { id: "me" }, status: "denied" }), { decision: "deny" }, "me"));
  assert.ok(!isDoneAlready(mine, { decision: "approve" }, "other"));
  assert.ok(!isDoneAlready(new Error("x"), { decision: "approve" }, "me"));
});

test("a double click asks once; after a failure one may try again", async () => {
  const asked = /** @type {string[]} */ ([]);
  const told = /** @type {string[]} */ ([]);
  let fails = false;
  const desk = {
    me: { id: "me" },
    connection: {
      request: async (/** @type {string} */ event) => {
        asked.push(event);
        if (fails) throw new DeskError("timeout", "late");
      },
    },
    notices: { add: (/** @type {string} */ sentence) => told.push(sentence) },
    list: { hint: () => undefined },
    dialog: null,
    open: null,
  };
  const acts = new DeskActs(/** @type {import("./desk.js").Desk} */ (/** @type {unknown} */ (desk)));
  const call = /** @type {import("./approvals.js").ToolCall} */ ({ id: "1", args_sha256: "" });
  await Promise.all([acts.decideTool(call, "approve"), acts.decideTool(call, "approve")]);
  assert.deepEqual([asked.length, told], [1, ["Approved."]]);
  fails = true;
  const other = { ...call, id: "2" };
  await acts.decideTool(other, "approve");
  fails = false;
  await acts.decideTool(other, "approve");
  assert.equal(asked.length, 3);
});
