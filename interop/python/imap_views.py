"""Two clients change one mailbox at once.

Each keeps its own picture of it, from what it is told alone, and in the end both pictures are what a fresh session
fetches. No EXPUNGE is told during FETCH, STORE or SEARCH."""

import random
import threading

from imap import Session, pairs, target

a = target("changes")
CHANGES = int(a.changes)
FLAGS = ["\\Seen", "\\Flagged", "\\Answered", "\\Draft", "$One", "$Two"]
# RFC 3501 section 7.4.1: with these, numbers that a client just said would change their meaning.
STABLE = ("FETCH", "STORE", "SEARCH")


class Client(threading.Thread):
    def __init__(self, seed):
        super().__init__()
        self.random = random.Random(seed)
        self.session = Session(a)
        self.session.command(f'LOGIN {a.user} "{a.password}"').expect("OK")
        # Moves back what was moved away, in a session of its own: SELECT would lose the picture.
        self.elsewhere = Session.logged_in(a, "Archive")
        # The picture: for each number the UID, once it is known, and the flags.
        self.picture = []
        self.expunged = 0
        self.failure = None
        self.command("SELECT INBOX").expect("OK")

    def command(self, line, *literals):
        answer = self.session.command(line, *literals)
        verb = line.split()[0]
        for response in answer.untagged:
            name = response[2] if len(response) > 2 else None
            if name == "EXISTS":
                count = int(response[1])
                assert count >= len(self.picture), f"{count} EXISTS behind {len(self.picture)}, after {line}"
                self.picture += [[None, None] for _ in range(count - len(self.picture))]
            elif name == "EXPUNGE":
                assert verb not in STABLE, f"EXPUNGE during {line}"
                del self.picture[int(response[1]) - 1]
                self.expunged += 1
            elif name == "FETCH":
                message, items = self.picture[int(response[1]) - 1], pairs(response[3])
                if "UID" in items:
                    assert message[0] in (None, items["UID"]), f"{message} became {items}, after {line}"
                    message[0] = items["UID"]
                if "FLAGS" in items:
                    message[1] = set(items["FLAGS"]) - {"\\Recent"}
        # A message that the other client expunged may be refused until its EXPUNGE could be told.
        assert answer.status == "OK" or answer.status == "NO" and self.picture, f"{line}: {answer}"
        return answer

    def learn(self):
        """Asks for what is new in the picture."""
        while None in [uid for uid, _ in self.picture]:
            first = [uid for uid, _ in self.picture].index(None) + 1
            self.command(f"FETCH {first}:* (UID FLAGS)")
            if None in [uid for uid, _ in self.picture]:
                self.command("NOOP")

    def number(self):
        return self.random.randrange(len(self.picture)) + 1

    def change(self):
        choice = self.random.random()
        if not self.picture or choice < 0.25:
            flags = " ".join(self.random.sample(FLAGS, self.random.randrange(3)))
            self.command(
                f"APPEND INBOX ({flags}) %", b"Subject: %d\r\n\r\ntext\r\n" % self.random.randrange(10**9)
            )
        elif choice < 0.6:
            how = self.random.choice(["FLAGS", "+FLAGS", "-FLAGS"])
            flags = " ".join(self.random.sample(FLAGS, self.random.randrange(1, 3)))
            number = self.number()
            if self.random.random() < 0.5:
                self.command(f"STORE {number} {how} ({flags})")
            elif self.picture[number - 1][0]:
                self.command(f"UID STORE {self.picture[number - 1][0]} {how} ({flags})")
        elif choice < 0.75:
            self.command(f"STORE {self.number()} +FLAGS (\\Deleted)")
            uid = self.picture[self.number() - 1][0]
            self.command(f"UID EXPUNGE {uid}" if uid and self.random.random() < 0.3 else "EXPUNGE")
        elif choice < 0.85:
            self.command(f"MOVE {self.number()} Archive")
        elif choice < 0.95:
            self.elsewhere.command("NOOP").expect("OK")
            count = len(self.elsewhere.command("SEARCH ALL").expect("OK").data("SEARCH")[0])
            if count:
                answer = self.elsewhere.command(f"MOVE {self.random.randrange(count) + 1} INBOX")
                assert answer.status in ("OK", "NO"), answer
        elif choice < 0.98:
            self.command("SEARCH UNSEEN")
        else:
            self.command("NOOP")

    def run(self):
        try:
            for _ in range(CHANGES // 2):
                self.change()
                if self.random.random() < 0.3:
                    self.learn()
        except Exception as failure:
            self.failure = failure


setup = Session.logged_in(a)
for number in range(20):
    setup.command("APPEND INBOX %", b"Subject: before %d\r\n\r\n" % number).expect("OK")

clients = [Client(seed) for seed in (1, 2)]
for client in clients:
    client.learn()
    client.start()
for client in clients:
    client.join()
for client in clients:
    if client.failure:
        raise client.failure

fresh = Session.logged_in(a, "INBOX")
fetched = fresh.command("FETCH 1:* (UID FLAGS)").fetched()
truth = [[items["UID"], set(items["FLAGS"]) - {"\\Recent"}] for _, items in sorted(fetched.items())]
for index, client in enumerate(clients):
    client.command("NOOP")
    client.learn()
    assert client.picture == truth, f"client {index} sees {client.picture} and not {truth}"
    assert client.expunged > CHANGES // 20, f"client {index} was told {client.expunged} times of an expunge"
print(f"{len(truth)} messages at the end, {clients[0].expunged} and {clients[1].expunged} expunges told")
