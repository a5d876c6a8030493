// nodemailer: STARTTLS or TLS, login, several recipients, notifications, a refusal. A failed assertion ends the script
// with 1.

"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const nodemailer = require("nodemailer");

const options = Object.fromEntries(
    process.argv.slice(2).join("\n").split(/^--/m).slice(1).map((option) => {
        const [name, ...value] = option.trimEnd().split("\n");
        return [name, value.join("\n")];
    }),
);

async function main() {
    const recipients = options.to.split(",");
    const transport = nodemailer.createTransport({
        host: options.host,
        port: Number(options.port),
        name: "client.example.test",
        lmtp: options.transport === "lmtp",
        secure: options.transport === "tls",
        requireTLS: options.transport === "starttls",
        ignoreTLS: options.transport === "lmtp",
        auth: options.transport === "lmtp" ? undefined : { user: options.user, pass: options.password },
        tls: { ca: fs.readFileSync(options.certificate), servername: "localhost" },
        pool: options.pool === "yes",
        maxConnections: 3,
        connectionTimeout: 20000,
        socketTimeout: 20000,
    });
    try {
        assert.equal(await transport.verify(), true);
        const files = fs.readdirSync(options.messages).sort();
        const send = (file) =>
            transport.sendMail({
                envelope: {
                    from: options.user,
                    to: recipients,
                    dsn: { id: file, return: "headers", notify: ["success", "delay"], recipient: options.user },
                },
                raw: fs.readFileSync(path.join(options.messages, file)),
            });
        if (options.pool === "yes") {
            for (const info of await Promise.all(files.map(send))) {
                assert.deepEqual(info.accepted, recipients);
            }
        } else {
            for (const file of files) {
                assert.deepEqual((await send(file)).accepted, recipients);
            }
        }
        const partly = await transport.sendMail({
            envelope: { from: options.user, to: [recipients[0], options.unknown] },
            raw: "Subject: partly\r\n\r\nrefused\r\n",
        });
        assert.deepEqual(partly.accepted, [recipients[0]]);
        assert.deepEqual(partly.rejected, [options.unknown]);
        assert.equal(partly.rejectedErrors[0].responseCode, 550);
    } finally {
        transport.close();
    }
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
