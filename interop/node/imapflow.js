// imapflow over TLS: folders, IDLE, fetch, search, flags, move, append. A failed assertion ends the script with 1.

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const net = require("node:net");
const { once } = require("node:events");
const { ImapFlow } = require("imapflow");

const options = Object.fromEntries(
    process.argv.slice(2).join("\n").split(/^--/m).slice(1).map((option) => {
        const [name, ...value] = option.trimEnd().split("\n");
        return [name, value.join("\n")];
    }),
);
const SOON = 2000;
const [protocol, deliveryPort] = options.delivery.split(":");

/** Sends one message to the account, by SMTP or LMTP. */
async function deliver(message) {
    const socket = net.connect(Number(deliveryPort), options.host);
    const lines = require("node:readline").createInterface({ input: socket })[Symbol.asyncIterator]();
    const reply = async (expected) => {
        let line;
        do {
            line = (await lines.next()).value;
        } while (line?.[3] === "-");
        assert.equal(line?.slice(0, 3), String(expected), `${expected} was expected and not ${line}`);
    };
    await reply(220);
    for (const [line, code] of [
        [`${protocol === "lmtp" ? "LHLO" : "EHLO"} client.example.test`, 250],
        ["MAIL FROM:<sender@elsewhere.test>", 250],
        [`RCPT TO:<${options.user}>`, 250],
        ["DATA", 354],
        [`${message}.`, 250],
        ["QUIT", 221],
    ]) {
        socket.write(`${line}\r\n`);
        await reply(code);
    }
    socket.destroy();
}

function within(promise, what) {
    const late = new Promise((_, reject) => {
        setTimeout(() => reject(new Error(`${what} did not happen within ${SOON} ms`)), SOON).unref();
    });
    return Promise.race([promise, late]);
}

async function main() {
    const secure = options.tls === "connect";
    const client = new ImapFlow({
        host: options.host,
        port: Number(secure ? options.imaps : options.imap),
        secure,
        doSTARTTLS: !secure,
        servername: "localhost",
        auth: { user: options.user, pass: options.password },
        tls: { ca: fs.readFileSync(options.certificate) },
        clientInfo: { name: "interop" },
        logger: options.log === "on" ? undefined : false,
        logRaw: options.log === "on",
    });
    client.on("error", (error) => assert.fail(error));
    await client.connect();
    assert.ok(client.usable && client.secureConnection && client.authenticated);
    assert.equal(client.namespace.delimiter, "/");

    const folders = await client.list();
    const roles = Object.fromEntries(folders.map((folder) => [folder.path, folder.specialUse]));
    for (const name of ["Sent", "Drafts", "Trash", "Junk", "Archive"]) {
        assert.equal(roles[name], `\\${name}`, `the role of ${name} is ${roles[name]}`);
    }
    const created = await client.mailboxCreate(["Projekte", "Übersicht & mehr"]);
    assert.ok(created.created);
    assert.ok((await client.list()).some((folder) => folder.path === "Projekte/Übersicht & mehr"));

    const opened = await client.mailboxOpen("INBOX");
    assert.equal(opened.exists, 0);
    assert.equal(opened.readOnly, false);

    // While it waits in IDLE, what SMTP brings is an event.
    for (const number of [1, 2, 3]) {
        const idling = client.idle();
        const [exists] = await Promise.all([
            within(once(client, "exists"), "the event `exists`"),
            deliver(`From: <a@example.test>\r\nSubject: number ${number}\r\nMessage-ID: <${number}@imapflow>\r\n\r\ntext ${number}\r\n`),
        ]);
        assert.deepEqual([exists[0].count, exists[0].prevCount], [number, number - 1]);
        await client.noop();
        await idling;
    }

    const messages = await client.fetchAll("1:*", {
        uid: true, flags: true, envelope: true, bodyStructure: true, internalDate: true, size: true, source: true, headers: ["subject"],
    });
    assert.deepEqual(messages.map((message) => message.envelope.subject), ["number 1", "number 2", "number 3"]);
    assert.deepEqual(messages.map((message) => message.envelope.from[0].address), Array(3).fill("a@example.test"));
    for (const [index, message] of messages.entries()) {
        assert.ok(message.source.toString().endsWith(`\r\n\r\ntext ${index + 1}\r\n`), message.source.toString());
        assert.equal(message.size, message.source.length);
        assert.equal(message.bodyStructure.type, "text/plain");
        assert.equal(message.headers.toString().trim(), `Subject: number ${index + 1}`);
        assert.ok(Math.abs(Date.now() - message.internalDate) < 120_000, `${message.internalDate}`);
        assert.equal(message.flags.has("\\Seen"), false);
    }
    const { content } = await client.download("2", "TEXT");
    let text = "";
    for await (const chunk of content) text += chunk;
    assert.equal(text, "text 2\r\n");

    const [first, second, third] = messages.map((message) => message.uid);
    assert.ok(await client.messageFlagsAdd(String(first), ["\\Seen", "\\Flagged", "$Noted"], { uid: true }));
    assert.ok(await client.messageFlagsRemove("1", ["\\Flagged"]));
    assert.deepEqual(await client.search({ seen: true }, { uid: true }), [first]);
    assert.deepEqual(await client.search({ subject: "number 2" }, { uid: true }), [second]);
    assert.deepEqual(await client.search({ or: [{ uid: String(third) }, { keyword: "$Noted" }] }), [1, 3]);
    assert.deepEqual(await client.search({ body: "Grüße" }), []);

    const moved = await client.messageMove(String(second), "Archive", { uid: true });
    assert.equal(moved.destination, "Archive");
    assert.ok(moved.uidMap.get(second) > 0, "no COPYUID");
    const copied = await client.messageCopy("2", "Projekte/Übersicht & mehr");
    assert.ok(copied.uidMap.get(third) > 0, "no COPYUID");
    const large = Buffer.from(`Subject: appended\r\n\r\n${"0123456789abcdef\r\n".repeat(20_000)}`);
    const appended = await client.append("Archive", large, ["\\Seen"], new Date("2025-02-03T04:05:06Z"));
    assert.equal(appended.destination, "Archive");
    assert.ok(appended.uid > 0, "no APPENDUID");
    assert.ok(await client.messageDelete(String(third), { uid: true }));
    assert.equal(client.mailbox.exists, 1);

    const status = await client.status("Archive", { messages: true, unseen: true, uidNext: true });
    assert.deepEqual([status.messages, status.unseen], [2, 1]);
    const lock = await client.getMailboxLock("Archive", { readOnly: true });
    try {
        const found = await client.fetchOne(String(appended.uid), { source: true, flags: true, internalDate: true }, { uid: true });
        assert.ok(found.source.equals(large), "the appended message was changed");
        assert.equal(found.internalDate.toISOString(), "2025-02-03T04:05:06.000Z");
    } finally {
        lock.release();
    }
    await client.logout();
}

main().then(
    () => process.exit(0),
    (error) => {
        console.error(error);
        process.exit(1);
    },
);
