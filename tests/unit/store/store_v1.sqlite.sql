-- A store as version 1 of its tables wrote it (Crossdock 0.1, 20 Nov 2026), on SQLite:
-- one delivery that is done, one that is dead, one that waits, and an audit trail without hashes.
BEGIN TRANSACTION;
CREATE TABLE crossdock_audit (
	sequence INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at VARCHAR(27) NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	previous_hash TEXT, 
	hash TEXT
);
INSERT INTO "crossdock_audit" VALUES(1,'2026-11-20T08:00:00.000000Z','worker:w-1','delivery.dead','D-2','{"attempts": 1, "cause": "the customer is on hold", "event": "order_promoted:crm:R-2", "failure": "business", "plugin": "straight-through"}',NULL,NULL);
INSERT INTO "crossdock_audit" VALUES(2,'2026-11-20T08:00:00.000000Z','plugin:erp-tabs','access.refused','erp.costs:read','{"point": "account_tabs", "user": "U-kim"}',NULL,NULL);
CREATE TABLE crossdock_deliveries (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	event_id TEXT NOT NULL, 
	plugin_id TEXT NOT NULL, 
	plugin_version TEXT NOT NULL, 
	lane TEXT NOT NULL, 
	state TEXT NOT NULL, 
	run INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	starts INTEGER NOT NULL, 
	worker TEXT NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	due_at VARCHAR(27), 
	started_at VARCHAR(27), 
	finished_at VARCHAR(27), 
	failure TEXT, 
	cause TEXT NOT NULL, 
	traceback TEXT NOT NULL, 
	CONSTRAINT crossdock_deliveries_once UNIQUE (event_id, plugin_id), 
	FOREIGN KEY(event_id) REFERENCES crossdock_events (id)
);
INSERT INTO "crossdock_deliveries" VALUES(1,'order_promoted:crm:R-1','straight-through','0.1.0','straight-through|account:A-1','done',1,1,1,'w-1','2026-11-20T08:00:00.000000Z',NULL,'2026-11-20T08:00:00.000000Z','2026-11-20T08:00:00.000000Z',NULL,'','');
INSERT INTO "crossdock_deliveries" VALUES(2,'order_promoted:crm:R-2','straight-through','0.1.0','straight-through|account:A-2','dead',1,1,1,'w-1','2026-11-20T08:00:00.000000Z',NULL,'2026-11-20T08:00:00.000000Z','2026-11-20T08:00:00.000000Z','business','the customer is on hold','');
INSERT INTO "crossdock_deliveries" VALUES(3,'order_promoted:crm:R-3','straight-through','0.1.0','straight-through|account:A-3','waiting',1,1,1,'w-1','2026-11-20T08:00:00.000000Z','2026-11-20T08:00:01.000000Z','2026-11-20T08:00:00.000000Z',NULL,'transient','main does not answer','');
CREATE TABLE crossdock_documents (
	system TEXT NOT NULL, 
	entity TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version TEXT NOT NULL, 
	state TEXT NOT NULL, 
	seen_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (system, entity, id)
);
CREATE TABLE crossdock_events (
	id TEXT NOT NULL, 
	type TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	lane TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	published_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "crossdock_events" VALUES('order_promoted:crm:R-1','order_promoted','R-1','account:A-1','{"$OrderPromoted":{"order":{"id":"R-1","system":"crm","currency":"EUR","account_id":"A-1","customer_id":"","trading_account":"","reference":"","lines":[{"number":1,"item_id":"BRG-1001","quantity":"1","unit":"","description":"","unit_price":null,"discount_percent":"0","net":null,"reserved":"0","back_ordered":"0","shipped":"0","invoiced":"0","returned":"0","cancelled":"0","promised_on":null,"quote_line":null}],"status":"submitted","hold_reason":"","ordered_on":null,"requested_on":null,"promised_on":null,"ship_to":{"street":"","city":"","region":"","postcode":"","country":"","name":""},"net":null,"tax":null,"gross":null,"quote_id":null,"opportunity_id":null,"owner_id":null,"erp_system":"","erp_order_id":"","external_ids":{},"history":[],"created_at":null,"version":null}}}','2026-11-20T08:00:00.000000Z');
INSERT INTO "crossdock_events" VALUES('order_promoted:crm:R-2','order_promoted','R-2','account:A-2','{"$OrderPromoted":{"order":{"id":"R-2","system":"crm","currency":"EUR","account_id":"A-2","customer_id":"","trading_account":"","reference":"","lines":[{"number":1,"item_id":"BRG-1001","quantity":"2","unit":"","description":"","unit_price":null,"discount_percent":"0","net":null,"reserved":"0","back_ordered":"0","shipped":"0","invoiced":"0","returned":"0","cancelled":"0","promised_on":null,"quote_line":null}],"status":"submitted","hold_reason":"","ordered_on":null,"requested_on":null,"promised_on":null,"ship_to":{"street":"","city":"","region":"","postcode":"","country":"","name":""},"net":null,"tax":null,"gross":null,"quote_id":null,"opportunity_id":null,"owner_id":null,"erp_system":"","erp_order_id":"","external_ids":{},"history":[],"created_at":null,"version":null}}}','2026-11-20T08:00:00.000000Z');
INSERT INTO "crossdock_events" VALUES('order_promoted:crm:R-3','order_promoted','R-3','account:A-3','{"$OrderPromoted":{"order":{"id":"R-3","system":"crm","currency":"EUR","account_id":"A-3","customer_id":"","trading_account":"","reference":"","lines":[{"number":1,"item_id":"BRG-1001","quantity":"3","unit":"","description":"","unit_price":null,"discount_percent":"0","net":null,"reserved":"0","back_ordered":"0","shipped":"0","invoiced":"0","returned":"0","cancelled":"0","promised_on":null,"quote_line":null}],"status":"submitted","hold_reason":"","ordered_on":null,"requested_on":null,"promised_on":null,"ship_to":{"street":"","city":"","region":"","postcode":"","country":"","name":""},"net":null,"tax":null,"gross":null,"quote_id":null,"opportunity_id":null,"owner_id":null,"erp_system":"","erp_order_id":"","external_ids":{},"history":[],"created_at":null,"version":null}}}','2026-11-20T08:00:00.000000Z');
CREATE TABLE crossdock_links (
	id INTEGER NOT NULL, 
	crm_system TEXT NOT NULL, 
	account_id TEXT NOT NULL, 
	erp_system TEXT NOT NULL, 
	customer_id TEXT NOT NULL, 
	is_default BOOLEAN NOT NULL, 
	evidence TEXT NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	modified_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT crossdock_links_customer UNIQUE (erp_system, customer_id, crm_system)
);
INSERT INTO "crossdock_links" VALUES(1,'crm','A-1','main','C-1',1,'asked','2026-11-20T08:00:00.000000Z','2026-11-20T08:00:00.000000Z');
CREATE TABLE crossdock_meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "crossdock_meta" VALUES('schema_version','1');
CREATE TABLE crossdock_steps (
	delivery_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	result TEXT NOT NULL, 
	PRIMARY KEY (delivery_id, name), 
	FOREIGN KEY(delivery_id) REFERENCES crossdock_deliveries (id)
);
INSERT INTO "crossdock_steps" VALUES(2,'find customer','{"id":"C-2"}');
CREATE TABLE crossdock_watermarks (
	system TEXT NOT NULL, 
	feed TEXT NOT NULL, 
	cursor TEXT NOT NULL, 
	moved_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (system, feed)
);
CREATE INDEX crossdock_links_account ON crossdock_links (crm_system, account_id);
CREATE UNIQUE INDEX crossdock_links_default ON crossdock_links (crm_system, account_id) WHERE is_default = 1;
CREATE INDEX crossdock_audit_subject ON crossdock_audit (subject, sequence);
CREATE TRIGGER crossdock_audit_no_update BEFORE UPDATE ON crossdock_audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER crossdock_audit_no_delete BEFORE DELETE ON crossdock_audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE INDEX crossdock_deliveries_due ON crossdock_deliveries (state, due_at);
CREATE INDEX crossdock_deliveries_lane ON crossdock_deliveries (lane, state, id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('crossdock_deliveries',3);
INSERT INTO "sqlite_sequence" VALUES('crossdock_audit',2);
COMMIT;
