"""A chat program with a memory store that is trimmed before each call, so that prompts stay within a budget.

    python examples/trim_memory.py

The newest turns are sent as they are; what is older is compressed, the oldest the most, until all of it
fits. What the model is told to do is never touched. Nothing is sent anywhere here: `answer` stands for your
client.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from spanwise.tasks.compression.budget import RATES, load_tokenizer
from spanwise.tasks.compression.compressor import Compressor, gates

Turn = tuple[str, str]
"""Role and content."""

FRESH = 2  # turns that are sent as they are
SYSTEM = "Answer in one sentence. Never name a customer."


@dataclass
class Memory:
    """The turns of a conversation, and what of them is sent.

    Attributes:
        budget: Tokens of all turns together.
        compressor: What shortens them; its tokenizer counts.
        turns: All that was said, whole: what is sent is made anew each time.
    """

    budget: int
    compressor: Compressor
    turns: list[Turn] = field(default_factory=list)

    def prompt(self) -> list[Turn]:
        """The turns to send, older ones shortened; the oldest are left out if they do not fit even so."""
        count = self.compressor.tokenizer.count
        fresh = self.turns[-FRESH:]
        room = self.budget - sum(count(text) for _, text in fresh)
        kept: list[Turn] = []
        for age, (role, text) in enumerate(reversed(self.turns[:-FRESH])):
            rate = RATES["document"] if age < FRESH else RATES["memory"]
            shorter = self.compressor.compress(text, rate=rate).text
            if count(shorter) > room:
                break
            room -= count(shorter)
            kept.append((role, shorter))
        return [*reversed(kept), *fresh]


def talk(memory: Memory, questions: Sequence[str], answer: Callable[[list[Turn]], str]) -> int:
    """Ask all questions in turn.

    Returns:
        The tokens that were saved in all calls together.
    """
    count = memory.compressor.tokenizer.count
    saved = 0
    for question in questions:
        memory.turns.append(("user", question))
        sent = memory.prompt()
        saved += sum(count(text) for _, text in memory.turns) - sum(count(text) for _, text in sent)
        memory.turns.append(("assistant", answer([("system", SYSTEM), *sent])))
    return saved


def main() -> None:
    """Talk with nobody about an order."""
    memory = Memory(budget=120, compressor=Compressor(tokenizer=load_tokenizer("words"), check=gates))
    questions = [
        "Hello, I am writing to you because order 81-40772 of 2 February has not arrived yet.",
        "Thank you very much. Could you please tell me whether it really left on 5 February?",
        "It should be noted that I do not want a refund, but a replacement, if possible.",
        "In that case, could you please send it to Harbour Street 12, but only after 28 March?",
    ]
    saved = talk(memory, questions, lambda turns: f"I have read {len(turns)} turns of what was said so far.")
    for role, text in memory.prompt():
        print(f"{role}: {text}")  # noqa: T201 - an example shows what it does
    print(f"{saved} words saved in {len(questions)} calls")  # noqa: T201


if __name__ == "__main__":
    main()
