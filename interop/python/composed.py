"""A message that `mail send` has composed, as Python's email package reads it."""

import email
import email.policy
import sys

with open(sys.argv[1], "rb") as file:
    message = email.message_from_binary_file(file, policy=email.policy.default)
with open(sys.argv[2], "rb") as file:
    attached = file.read()

[sender] = message["From"].addresses
assert sender.display_name == 'Jürgen Müller, "JM"', sender
assert sender.addr_spec == "someone@elsewhere.test", sender
[recipient] = message["To"].addresses
assert recipient.display_name == "Doe, Alice", recipient
assert message["Bcc"] is None and "bob@" not in str(message["To"]), message["To"]
assert message["Subject"] == "日本語 and a subject that does not fit a line of a header, at all", message["Subject"]
assert message["Date"].datetime is not None
assert message["Message-ID"].endswith("@elsewhere.test>"), message["Message-ID"]
assert message.get_body().get_content() == "Grüße\n\nFrom me\n.\n", message.get_body()
[part] = message.iter_attachments()
assert part.get_filename() == "Grün & co.bin", part.get_filename()
assert part.get_content() == attached, "the attachment was changed"
assert not message.defects, message.defects
