// A program of your own: it places an order in the ERP, and never twice.
export async function placeOrder(erp, order, key, tries = 3) {
  for (let n = 0; n < tries; n++) {
    const answer = await fetch(`${erp.url}/sales-orders`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-Api-Key": erp.key,
        "Idempotency-Key": key, // the same key is the same order, however often it is sent
      },
      body: JSON.stringify(order),
    }).catch(() => null); // the line dropped: nobody knows whether the order is there
    if (answer === null || answer.status >= 500) continue;
    const said = await answer.json();
    if (!answer.ok) throw new Error(`${said.code}: ${said.detail}`);
    return said.id;
  }
  throw new Error(`order ${key}: no answer in ${tries} tries`);
}
