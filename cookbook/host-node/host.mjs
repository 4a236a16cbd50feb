// A CRM that is not written in Python: every call goes by the side-car's own OpenAPI document.
// Prints what it saw as one JSON object.
import { OpenAPIClientAxios } from "openapi-client-axios";
import { Webhook } from "standardwebhooks";

const { SIDECAR_URL, SIDECAR_KEY, WEBHOOK_SECRET, USER = "kim", ACCOUNT } = process.env;

const api = new OpenAPIClientAxios({
  definition: `${SIDECAR_URL}/openapi.json`,
  axiosConfigDefaults: {
    baseURL: SIDECAR_URL,
    headers: { "X-Api-Key": SIDECAR_KEY, "X-Crossdock-User": USER },
  },
});
const host = await api.init();

// The tabs of an account, and one of them as HTML for the CRM's own page.
const tabs = (await host.listAccountTabs({ account_id: ACCOUNT })).data.data;
const [plugin_id, tab_id] = ["erp-tabs", "aging"];
const html = (await host.renderAccountTab(
  { account_id: ACCOUNT, plugin_id, tab_id, as: "fragment", "params[as_of]": "2026-10-31" },
)).data;

// A quote as the salesperson typed it: the guards are asked before the CRM saves it.
const quote = (item_id) => ({
  account_id: ACCOUNT,
  currency: "EUR",
  lines: [{ number: 1, item_id, quantity: "2" }],
});
const stopped = (await host.askBeforeQuoteSave(null, { record: quote("BRG-9999") })).data;
const passed = (await host.askBeforeQuoteSave(null, { record: quote("BRG-1001") })).data;

// Saving through the host; a problem (RFC 9457) says what stands against it, and where.
const refused = await host.createQuote(null, { account_id: ACCOUNT, currency: "EUR",
  lines: [{ item_id: "BRG-1001", quantity: "many" }] }).catch((error) => error.response.data);
const saved = (await host.createQuote(null, { account_id: ACCOUNT, currency: "EUR",
  lines: [{ item_id: "BRG-1001", quantity: "2" }] },
  { headers: { "Idempotency-Key": `node-${process.pid}` } })).data;
const promoted = (await host.promoteQuote({ quote_id: saved.quote.id })).data;

// Something happened in the CRM: a signed webhook, which the worker delivers to the plugins.
const now = new Date();
const body = JSON.stringify({
  type: "crossdock.order.promoted",
  timestamp: now.toISOString(),
  data: { order_id: promoted.order.id },
});
const accepted = (await host.receiveEvent({ sender: "node" }, body, {
  headers: {
    "content-type": "application/json",
    "webhook-id": `msg_${process.pid}`,
    "webhook-timestamp": String(Math.floor(now / 1000)),
    "webhook-signature": new Webhook(WEBHOOK_SECRET).sign(`msg_${process.pid}`, now, body),
  },
})).data;

// What became of it.
let delivery;
do {
  await new Promise((done) => setTimeout(done, 100));
  delivery = (await host.getDelivery({ delivery_id: accepted.deliveries[0] })).data;
} while (!["done", "dead"].includes(delivery.state));

console.log(JSON.stringify({ tabs: tabs.map((tab) => tab.address), html, stopped, passed, refused,
  saved, promoted, accepted, delivery }));
