"""The memory of a process, as /proc tells it, in KiB."""

import re


class Memory:
    def __init__(self, process):
        self.folder = f"/proc/{process}"

    def value(self, name):
        with open(f"{self.folder}/status", encoding="ascii") as file:
            return int(re.search(rf"{name}:\s+(\d+) kB", file.read())[1])

    def resident(self):
        return self.value("VmRSS")

    def forget_peak(self):
        """From here on, the peak is counted anew (proc(5), clear_refs)."""
        with open(f"{self.folder}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")

    def peak(self):
        return self.value("VmHWM")
