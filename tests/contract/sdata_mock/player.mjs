// Plays stories with npm's sdata-client, unmodified, on whichever SData contract it is told.
//
// One line of JSON on standard input is one story: {story, base, user, password, words}. One line on
// standard output is what came of it: {ok: true, told} or {ok: false, why}. It ends with its input.
import assert from "node:assert/strict"
import { createInterface } from "node:readline"
import { createRequire } from "node:module"
import { once } from "node:events"
import util from "node:util"

// Node 23 took `util.isArray` and `util._extend` away, which the client calls.
util.isArray ??= Array.isArray
util._extend ??= Object.assign

const connect = createRequire(import.meta.url)("sdata-client")

// The client offers both; `upsert` takes a callback only.
const called = (act) =>
  new Promise((give, fail) => act((error, data) => (error ? fail(error) : give(data))))

const refused = async (promise) => {
  try {
    await promise
  } catch (error) {
    assert.ok(error instanceof Error)
    return error.message
  }
  return assert.fail("it was not refused")
}

const read = async (stream) => {
  const found = []
  stream.on("data", (each) => found.push(each))
  await once(stream, "end")
  return found
}

const stories = {
  // One record: alone, with some of its properties, with what it refers to; with a callback.
  async get({ sdata, words: { kind, key, name, include } }) {
    const whole = await sdata.get(kind, key)
    const some = await called((done) => sdata.get(kind, key, { select: name }, done))
    const more = await called((done) => sdata.get(kind, key, { include }, done))
    const none = await refused(sdata.get(kind, "000000"))
    return { whole, some, more, none }
  },

  // Lists: by a condition in either place, sorted, some properties of some records.
  async read({ sdata, words: { kind, name, where, double, changed } }) {
    const all = await sdata.read(kind)
    const found = await sdata.read(kind, where, { orderby: `${name} desc`, select: name, count: 3 })
    const over = await sdata.read(kind, "nothing eq 1", { where: double })
    const late = await called((done) => sdata.read(kind, `${changed} gt @2000-01-01@`, done))
    const never = await sdata.read(kind, `${changed} gt @2999-12-31T23:59:59@`)
    return { all, found, over, late, never }
  },

  // Pages are followed by `$next` to the end, and no further than the limit.
  async readPaged({ sdata, words: { kind, name, where } }) {
    const all = await read(sdata.readPaged(kind, "", { count: 5, orderby: name, select: name }))
    const few = await read(sdata.readPaged(kind, "", { count: 5 }, 7))
    const some = await read(sdata.readPaged(kind, where, { count: 2, select: name }))
    const broken = sdata.readPaged(kind, "nothing eq 1")
    broken.resume()
    const [error] = await once(broken, "error")
    return { all, few, some, error: error.message }
  },

  // Made, read, changed twice, deleted; and then it is gone.
  async life({ sdata, words: { kind, name, other } }) {
    const made = await sdata.create(kind, { [name]: "Foo O'Hara & Söhne" })
    const again = await sdata.get(kind, made.$key)
    const changed = await sdata.update(kind, { $key: made.$key, [name]: "Foo++" })
    const whole = await sdata.update(kind, { ...(await sdata.get(kind, made.$key)), ...other })
    const gone = await sdata.delete(kind, made.$key)
    const after = await refused(sdata.get(kind, made.$key))
    const twice = await refused(sdata.delete(kind, made.$key))
    return { made, again, changed, whole, gone: gone ?? null, after, twice }
  },

  // With a key it is changed, without one it is made.
  async upsert({ sdata, words: { kind, name } }) {
    const made = await called((done) => sdata.upsert(kind, { [name]: "New" }, done))
    const data = { $key: made.$key, [name]: "Newer" }
    const changed = await called((done) => sdata.upsert(kind, data, done))
    const wrong = { $key: "000000", [name]: "x" }
    const none = await refused(called((done) => sdata.upsert(kind, wrong, done)))
    return { made, changed, none }
  },

  // An order with its lines in one request; a wrong line leaves nothing of it.
  async document({ sdata, words: { orders, order, lines, wrong_order: wrongOrder } }) {
    const made = await sdata.create(orders, order)
    const whole = await sdata.get(orders, made.$key, { include: lines })
    const wrong = await refused(sdata.create(orders, wrongOrder))
    return { made, whole, wrong }
  },

  // A business rule answers what it answered inside; asked of what is not there it says so.
  async rule({ sdata, words: { ruled, rule, ruled_key: ruledKey, parameters } }) {
    const answer = await sdata.callBusinessRule(ruled, rule, ruledKey, parameters)
    const again = await called((done) =>
      sdata.callBusinessRule(ruled, rule, ruledKey, parameters, done)
    )
    const none = await refused(sdata.callBusinessRule(ruled, "NoSuchRule", ruledKey))
    return { answer, again, none }
  },

  // What is refused is told in the words of the first diagnosis.
  async refusals({ sdata, base, user, words: { kind, name } }) {
    const unknown = await refused(sdata.read(kind, "XXXXX like ''"))
    const torn = await refused(sdata.read(kind, `${name} like`))
    const nowhere = await refused(sdata.read("spaceships"))
    const missing = await refused(sdata.create(kind, {}))
    const mistyped = await refused(sdata.create(kind, { [name]: { not: "text" } }))
    const anybody = connect(base)
    anybody.setAuthenticationParameters(user, "wrong")
    const stranger = await refused(anybody.read(kind))
    const streamed = anybody.readPaged(kind)
    streamed.resume()
    const [error] = await once(streamed, "error")
    return { unknown, torn, nowhere, missing, mistyped, stranger, streamed: error.message }
  },

  // Somebody who may read only, who then logs in as somebody who may more.
  async rights({ base, user, password, words: { kind, name, reader } }) {
    const sdata = connect(base, ...reader)
    const seen = await sdata.read(kind, "", { count: 1 })
    const refusal = await refused(sdata.create(kind, { [name]: "x" }))
    sdata.setAuthenticationParameters(user, password)
    const made = await sdata.create(kind, { [name]: "x" })
    return { seen, refusal, made }
  },

  // Who changes what somebody else has changed meanwhile is told so, where records have tags.
  async stale({ sdata, words: { kind, key, name } }) {
    const mine = await sdata.get(kind, key)
    const theirs = await sdata.update(kind, { ...mine, [name]: "Theirs" })
    const refusal = await refused(sdata.update(kind, { ...mine, [name]: "Mine" }))
    const last = await sdata.update(kind, { ...theirs, [name]: "Last" })
    return { mine, theirs, refusal, last }
  },

  // The server is broken for a while: each call says what it can, and the next one goes through.
  async trouble({ sdata, words: { kind, faults } }) {
    const told = []
    for (let number = 0; number < faults; number++) told.push(await refused(sdata.read(kind)))
    return { told, well: await sdata.read(kind, "", { count: 1 }) }
  },

  // Through a storm: whatever answer was lost, a record is looked for by its key before it is made.
  async storm({ sdata, words: { kind, name, keyed, many } }) {
    let lost = 0
    const patiently = async (ask) => {
      for (;;) {
        try {
          return await ask()
        } catch (error) {
          lost++
          assert.ok(lost < 40 * many, error.message)
        }
      }
    }
    for (let number = 1; number <= many; number++) {
      const key = `storm-${number}`
      await patiently(async () => {
        const there = await sdata.read(kind, `${keyed} eq '${key}'`, { select: keyed })
        if (there.$totalResults) return there
        return sdata.create(kind, { [name]: `Stormy ${number}`, [keyed]: key })
      })
    }
    return { lost, left: await patiently(() => sdata.read(kind, `${keyed} like 'storm-%'`)) }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { story, base, user, password, words } = JSON.parse(line)
  let outcome
  try {
    const sdata = connect(base, user, password)
    outcome = { ok: true, told: await stories[story]({ sdata, base, user, password, words }) }
  } catch (error) {
    outcome = { ok: false, why: String(error?.stack ?? error) }
  }
  process.stdout.write(JSON.stringify(outcome) + "\n")
}
