// A workflow's custom code action: order the quote that is enrolled, or say why it cannot be.
// Secrets: CROSSDOCK_URL, CROSSDOCK_KEY. Property to include: hubspot_owner_id.
// Data outputs: ordered (boolean), order_id (string), reasons (string).
exports.main = async (event, callback) => {
  const quote = String(event.object.objectId);
  const ask = (method, path, body) =>
    fetch(`${process.env.CROSSDOCK_URL}${path}`, {
      method,
      headers: {
        "Content-Type": "application/json",
        "X-Api-Key": process.env.CROSSDOCK_KEY,
        "X-Crossdock-User": event.inputFields.hubspot_owner_id,
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(15_000), // HubSpot breaks an action off after 20 seconds
    });

  const answer = await ask("POST", `/v1/quotes/${encodeURIComponent(quote)}/promotion`);
  // What may pass by itself is thrown, so that HubSpot tries again: promoting twice orders once.
  if (answer.status === 429 || answer.status >= 500) {
    throw new Error(`Crossdock answered ${answer.status}`);
  }
  const said = await answer.json();
  const verdict = said.verdict ?? {};
  const against = [...(verdict.vetoes ?? []), ...(verdict.approvals ?? [])];
  const reasons = against.map((each) => each.message ?? each.reason);
  if (!answer.ok && reasons.length === 0) reasons.push(said.detail ?? said.title);

  callback({
    outputFields: {
      ordered: Boolean(said.order),
      order_id: said.order?.id ?? "",
      reasons: reasons.join("\n"),
    },
  });
};
