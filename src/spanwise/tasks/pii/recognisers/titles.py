"""Words for posts, in nine languages: what is one is no name and no employer."""

from __future__ import annotations

import re

_POST = re.compile(
    r"(?i)\b(?:\w*engineer|\w*developer|\w*manager|\w*analyst|\w*designer|\w*consultant|\w*assistant"
    r"|\w*director|\w*architect|\w*administrator"
    r"|\w*specialist|\w*coordinator|\w*scientist|\w*researcher|\w*teacher|lecturer|\w*nurse|\w*technician"
    r"|\w*officer|\w*lead|\w*intern"
    r"|trainee|apprentice|\w*accountant|\w*representative|\w*associate|\w*executive|\w*president"
    r"|\w*founder|owner|\w*advis[eo]r|\w*planner"
    r"|\w*operator|\w*supervisor|\w*editor|\w*writer|\w*programmer|\w*tester|\w*buyer|\w*driver|\w*worker"
    r"|\w*clerk|\w*cashier|\w*chef|\w*cook"
    r"|\w*lawyer|\w*solicitor|\w*attorney|\w*pharmacist|\w*physician|\w*surgeon|\w*dentist|\w*therapist"
    r"|\w*psychologist|\w*economist"
    r"|\w*statistician|\w*biologist|\w*chemist|\w*physicist|\w*geologist|\w*journalist|\w*translator"
    r"|\w*librarian|\w*secretary|receptionist"
    r"|ceo|cto|cfo|coo|head of|senior|junior|principal|chief|freelance\w*|student|professor|tutor|fellow"
    r"|postdoc\w*"
    r"|\w*entwickler(?:in)?|\w*ingenieur(?:in)?|\w*leiter(?:in)?|\w*berater(?:in)?|\w*kaufmann|\w*kauffrau"
    r"|\w*assistent(?:in)?|sachbearbeiter(?:in)?"
    r"|werkstudent(?:in)?|praktikant(?:in)?|mitarbeiter(?:in)?|referent(?:in)?|\w*pfleger(?:in)?"
    r"|\w*lehrer(?:in)?|\w*techniker(?:in)?|geschäftsführer(?:in)?"
    r"|ingénieure?|développeu(?:r|se)|responsable|directeur|directrice|chargée?|chef|conseill(?:er|ère)"
    r"|stagiaire|technicien(?:ne)?|assistante?|infirmi(?:er|ère)"
    r"|gestionnaire|comptable|consultante|enseignante?|alternante?"
    r"|ingenier[oa]|desarrollador[a]?|analista|gerente|técnic[oa]|asesor[a]?|enfermer[oa]|profesor[a]?"
    r"|becari[oa]|encargad[oa]|jef[ea]|diseñador[a]?|contable"
    r"|ingegnere|sviluppat(?:ore|rice)|progettista|impiegat[oa]|tirocinante|infermier[ea]|insegnante"
    r"|consulente|tecnic[oa]|addett[oa]|contabile"
    r"|engenheir[oa]|desenvolvedor[a]?|programador[a]?|estagiári[oa]|coordenador[a]?|enfermeir[oa]"
    r"|professor[a]?|assistente|diretor[a]?|consultor[a]?"
    r"|\w*anal[yi]s?t\w*|\w*contr[oô]l\w*|\w*auditor\w*|auditrice|recruiter|\w*strateg\w*|business partner"
    r"|\w*managerin"
    r"|\w*buchhalter(?:in)?|\w*prüfer(?:in)?|\w*referent(?:in)?|\w*konstrukteur(?:in)?|\w*fach(?:frau|mann"
    r"|kraft)"
    r"|\w*mitarbeiter(?:in)?|\w*verkäufer(?:in)?|\w*säljare|\w*ansvarig|\w*ekonom|\w*sköterska"
    r"|kommunikatör|comercial"
    r"|commercial\w*|gestor[ae]?s?|reda[ck]t\w+|cientista|especialista|\w*projetista|contador[ae]?"
    r"|gérante?|cadre|dessinat\w+"
    r"|delineante|\w*stat[ií]sti[ckq]\w*|\w*statisticien\w*|directora|supervisora|attachée?|\w*strateg"
    r"|\w{3,}(?:atore|atrice|itore|itrice|ista|ologo|ologa)|capo\w*|ragionier[ea]|\w*assistente|\w*commerciale"
    r"|\w*konsulent|\w*leder|\w*ingeniør|\w*analytiker|\w*plejerske|\w*bogholder|\w*sælger|revisor|\w*koordinator"
    r"|ontwikkelaar|adviseur|medewerker|stagiair[e]?|verpleegkundige|docent|beheerder|directeur|projectleider"
    r"|inżynier|programista|kierownik|specjalista|analityk|księgow[ya]|nauczyciel\w*|asystent\w*|stażyst\w*"
    r"|\w*utvecklare|\w*ingenjör|\w*chef|handläggare|konsult|sjuksköterska|lärare|udvikler|rådgiver"
    r"|medarbejder|lærer)\b"
)


def is_post(text: str) -> bool:
    """Whether words name a post or a profession."""
    return bool(_POST.search(text))
