// node --test, against a mock ERP: ERP_URL says where, `crossdock mock erp --port 8602` starts one.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { placeOrder } from "./place-order.mjs";

const url = process.env.ERP_URL ?? "http://127.0.0.1:8602";
const erp = { url, key: "erp-demo-key" };
const order = { customerId: "C-10001", lines: [{ itemId: "BRG-1001", quantity: "2" }] };

const mock = async (method, path, body) => {
  const answer = await fetch(`${url}/_mock/${path}`, { method, body: body && JSON.stringify(body) });
  return answer.headers.get("content-type")?.includes("json") ? answer.json() : answer.text();
};
const entered = async () =>
  (await mock("GET", "journal?operation=createSalesOrder&committed=true")).entries.length;

beforeEach(async () => {
  await mock("DELETE", "faults");
  await mock("POST", "reset");
});

test("an order whose answer was lost is there once", async () => {
  await mock("POST", "faults", { kind: "drop_after_commit", operation: "createSalesOrder", nth: 1 });
  const id = await placeOrder(erp, order, "PO-1");
  assert.equal(await entered(), 1);
  assert.equal(await placeOrder(erp, order, "PO-1"), id);
  assert.equal(await entered(), 1);
  assert.match(await mock("GET", "faults/story"), /drop_after_commit/);
});

test("a refusal is told in the ERP's own words", async () => {
  const wrong = { ...order, lines: [{ itemId: "NO-SUCH", quantity: "2" }] };
  await assert.rejects(placeOrder(erp, wrong, "PO-2"), /NO-SUCH/);
  assert.equal(await entered(), 0);
});

test("where the ERP stays silent, nobody is told that it worked", async () => {
  await mock("POST", "faults", { kind: "status", status: 503, operation: "createSalesOrder" });
  await assert.rejects(placeOrder(erp, order, "PO-3"), /no answer in 3 tries/);
  assert.equal(await entered(), 0);
});
