"""What the synthetic set is made of."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FACTS", "GIVEN", "SCRIPTS", "SURNAMES", "Fact", "Script"]


class Fact(NamedTuple):
    """A kind of fact: a sentence with a person and a value, the question for it, and values."""

    sentence: str
    question: str
    values: tuple[str, ...]


class Script(NamedTuple):
    """A way to write: a sentence with a name, filling and a value, its question, and what to put in."""

    name: str
    sentence: str
    question: str
    people: tuple[str, ...]
    values: tuple[str, ...]
    filling: str


def _several(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _several(
    "Adela Bruno Carla Dorian Edda Fabio Greta Hakon Ilka Jonas Katja Lorin Mirka Nuno Odile Pavel Quirin Runa "
    "Silvan Tilda Ursin Vilma Wanda Xaver Ylva Zeno Alban Berit Cosmo Dagny Emil Frida"
)
SURNAMES = _several(
    "Abend Brandis Corvin Dahlke Ebner Falk Gradl Hovland Immer Jessen Kastner Lindahl Moser Nagel Ostrow Pfister "
    "Quandt Rasch Solberg Tanner Ulmer Vestby Wieland Yngve Zander Aasen Birk Conradi Drost Eklund Fenner Gjerde"
)
FACTS = (
    Fact(
        "{person} lives in {value}.",
        "Where does {person} live?",
        _several("Lisbon Tromso Graz Riga Bergen Porto Turku Basel Ghent Odense"),
    ),
    Fact(
        "{person} is allergic to {value}.",
        "What is {person} allergic to?",
        _several("peanuts shellfish pollen celery sesame mustard lupin walnuts soy latex"),
    ),
    Fact(
        "The locker of {person} opens with {value}.",
        "How does the locker of {person} open?",
        _several("4471 9023 1186 7350 2648 5512 8097 3364 6729 1905"),
    ),
    Fact(
        "{person} plays the {value} on Thursdays.",
        "What instrument does {person} play?",
        _several("cello oboe harp tuba viola banjo flute organ zither bassoon"),
    ),
)
SCRIPTS = (
    Script(
        "Latin",
        "{person} {filling} sait que le code est {value}.",
        "Quel est le code de {person} ?",
        ("Élodie", "François", "Søren", "Günther"),
        ("hêtre", "forêt", "château", "île"),
        "déjà très",
    ),
    Script(
        "Cyrillic",
        "{person} {filling} говорит, что пароль {value}.",
        "Какой пароль называет {person}?",
        ("Людмила", "Святослав", "Ярослава", "Геннадий"),
        ("берёза", "журавль", "облако", "ястреб"),
        "снова",
    ),
    Script(
        "CJK",
        "「{person}」{filling}の合言葉は「{value}」です。",
        "「{person}」の合言葉は何ですか。",
        ("山田太郎", "鈴木花子", "佐藤一郎", "高橋美咲"),
        ("紅葉", "白鷺", "霧島", "朝露"),
        "本日",
    ),
    Script(
        "Arabic",
        "{person} {filling} يقول إن كلمة السر هي {value}.",
        "ما كلمة السر عند {person}؟",
        ("عبدالرحمن", "فاطمة", "إبراهيم", "زينب"),
        ("صنوبر", "نخيل", "سحاب", "غزال"),
        "دائما",
    ),
    Script(
        "emoji",
        "Sticker of {person} {filling} means {value}",
        "What does the sticker of {person} mean?",
        ("Momo🦊", "Kiko🐙", "Lulu🦉", "Bibi🐝"),
        ("🍋🌶️", "🧭🏔️", "👩‍🚀🛰️", "🎻🎼"),
        "🙂",
    ),
)
