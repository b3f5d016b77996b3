"""The words of code names (`Granit Lärka 41`): Swedish nature, neutral, drawn at random.

They say nothing of the person, the year or the town.
"""

import re

_FIRST = """
    Granit Sten Ek Björk Asp Tall Gran Lind Alm Ask Hassel Rönn Sälg Hägg Lönn Bok Pil En Al
    Idegran Berg Klippa Kulle Ås Dal Slätt Hed Mo Myr Mosse Kärr Tjärn Sjö Å Bäck Älv Fors Källa
    Vik Udde Holme Skär Ö Strand Sand Lera Grus Kisel Kvarts Flinta Skiffer Marmor Kalk Järn
    Koppar Silver Tenn Bärnsten Dimma Regn Snö Is Frost Rimfrost Hagel Dagg Sol Måne Stjärna Moln
    Åska Vind Bris Storm Gryning Skymning Vår Sommar Höst Vinter Glänta Skog Äng Hage Åker Stig
    Bro Brygga Ljung Mossa Lav Ormbunke Vass Säv Starr Klöver Timotej Havre Råg Korn Vete Lin
    Humle Nypon Slån Enbär Tranbär Lingon Blåbär Hjortron Hallon Smultron Kantarell
"""
_SECOND = """
    Lärka Vipa Tärna Trana Svala Mes Siska Sparv Fink Domherre Trast Koltrast Näktergal Gök
    Hackspett Spillkråka Nötskrika Skata Kaja Råka Korp Kråka Uggla Pärluggla Falk Hök Örn Glada
    Vråk Häger Stork Svan Gås Grågås And Gräsand Knipa Kricka Skrak Ejder Lom Dopping Sothöna
    Rall Beckasin Spov Tofsvipa Strandskata Snäppa Mås Trut Alka Lunnefågel Ripa Orre Tjäder
    Järpe Rapphöna Vaktel Duva Ringduva Hare Räv Mård Utter Bäver Ekorre Igelkott Grävling
    Hermelin Vessla Iller Lo Järv Ren Älg Hjort Rådjur Säl Tumlare Lax Öring Röding Sik Abborre
    Gädda Gös Id Mört Braxen Ruda Sutare Harr Nors Sill Torsk Flundra Makrill Humla Fjäril
    Trollslända Nyckelpiga Syrsa Myra Slända Bi Groda Salamander Snok Mussla Snäcka Kräfta
"""
FIRST: tuple[str, ...] = tuple(_FIRST.split())
SECOND: tuple[str, ...] = tuple(_SECOND.split())
LOWEST_NUMBER = 10
HIGHEST_NUMBER = 99

assert min(len(set(FIRST)), len(set(SECOND))) >= 100, "a hundred words in each place"

_ANY_CASE = re.compile(
    rf"\b(?:{'|'.join(map(re.escape, FIRST))})\s+(?:{'|'.join(map(re.escape, SECOND))})\s+\d{{2}}\b",
    re.IGNORECASE,
)


def mentions_code_name(text: str) -> bool:
    """Whether a text that is not about one case names one: two words of the lists and a number."""
    return _ANY_CASE.search(text) is not None


def code_name(first: int, second: int, number: int) -> str:
    """The name for three drawn numbers, each taken round its list."""
    span = HIGHEST_NUMBER - LOWEST_NUMBER + 1
    return (
        f"{FIRST[first % len(FIRST)]} {SECOND[second % len(SECOND)]} "
        f"{LOWEST_NUMBER + number % span}"
    )
