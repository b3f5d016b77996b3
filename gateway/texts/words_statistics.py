"""The national statistics in Swedish: refusals, cards and what the log says."""

SENTENCES = {
    "statistics.given_up": "Beställningen av {half_year} kom för sent. Andelarna är raderade; allt räknas nästa halvår.",
    "statistics.list_differs": "Listan över vilka som har bidragit är redan lämnad och ändras inte.",
    "statistics.malformed": "Bidraget har fel form. Uppdatera systemet; händelserna räknas nästa halvår.",
    "statistics.not_a_collector": "Myndigheten är inte en av de två insamlarna.",
    "statistics.not_a_contributor": "Bara kommuner bidrar till den nationella statistiken.",
    "statistics.not_closed": "Halvåret är inte stängt än. Stäng det först.",
    "statistics.not_ordered": "Summan svarar inte på vår beställning.",
    "statistics.not_the_coordinator": "Det gör bara den nationella samordningen.",
    "statistics.ordered_already": "Halvåret {half_year} är redan beställt. Det görs en gång, för alltid.",
    "statistics.released_already": "Tabellen är redan utgiven och ändras inte. En rättelse kommer med nästa period.",
    "statistics.set_not_fixed": "Beställningen gäller andra kommuner än de som har bidragit. Ingenting summeras.",
    "statistics.sets_differ_by_few": "Två summor skulle skilja sig med färre än {least} kommuner. Ingenting summeras.",
    "statistics.share_differs": "Ett annat bidrag för halvåret är redan mottaget. Det första gäller.",
    "statistics.sums_differ": "En annan summa för halvåret är redan mottagen. Den första gäller.",
    "statistics.too_few": "Färre än {least} kommuner har bidragit. Ingenting summeras; det räknas nästa halvår.",
    "statistics.too_late": "Halvåret {half_year} är stängt. Händelserna räknas nästa halvår.",
    "statistics.wrong_period": "Halvåret {half_year} kan inte lämnas nu: det är inte slut, eller slutade för länge sedan.",
}

CARDS = {
    "statistics.given_up": "Ingen beställning kom i tid. Andelarna är raderade och ingenting summeras för halvåret",
    "statistics.held": "Siffror till den nationella statistiken kan inte stämma. Ingenting är skickat; rätta och vänta till i morgon",
    "statistics.not_sent": "Statistiken skickas inte: en insamlares fingeravtryck är inte bekräftat",
    "statistics.not_taken": "En insamlare tog inte emot beställningen. Ingenting summeras; alla räknar om nästa halvår",
    "statistics.order_refused": "Samordningens beställning stämde inte med vilka som har bidragit. Ingenting är summerat",
    "statistics.refused": "En insamlare tog inte emot vår statistik. Händelserna räknas nästa halvår",
    "statistics.stopped": "Halvårets summor kan inte stämma. Ingenting visas; alla räknar om nästa halvår",
    "statistics.too_few": "För få kommuner har bidragit. Ingenting summeras för halvåret",
    "statistics.unsettled": "Samordningen har inte sagt om förra halvåret är räknat. Nästa väntar",
    "statistics.withheld": "Halvåret är summerat men inte utgivet: små tal skulle gå att räkna ut, eller summorna går inte ihop",
}

EVENTS = {
    "cases.counted": "Räknade ärenden till statistiken, utan uppgift om någon person",
    "statistics.added": "Lade ihop insamlarnas två summor",
    "statistics.called": "Bad insamlarna att stänga halvåret",
    "statistics.closed": "Stängde halvåret för bidrag",
    "statistics.counted": "Räknade halvåret till statistiken",
    "statistics.given_up": "Raderade andelarna: ingen beställning kom i tid",
    "statistics.held": "Höll inne statistiken: siffrorna kan inte stämma",
    "statistics.not_taken": "Stoppade halvåret: en insamlare tog inte emot beställningen",
    "statistics.order_refused": "Avvisade en beställning som inte följer av listorna",
    "statistics.ordered": "Beställning av en fast mängd kommuner",
    "statistics.own_compared": "Läste enheternas siffror sida vid sida",
    "statistics.own_counted": "Räknade enheternas egna siffror",
    "statistics.own_read": "Läste enhetens egna siffror",
    "statistics.own_shown": "Bestämde vad som visas av enheternas siffror",
    "statistics.released": "Gav ut halvårets nationella statistik",
    "statistics.releases_read": "Läste den nationella statistiken",
    "statistics.sent_read": "Läste vad kommunen har skickat till den nationella statistiken",
    "statistics.sent": "Skickade statistiken i två delar till två insamlare",
    "statistics.settled": "Fick veta om halvåret är räknat",
    "statistics.simulated": "Lade in ett påhittat halvår i övningssystemet",
    "statistics.share_taken": "Tog emot en andel",
    "statistics.summed": "Summerade andelarna och raderade dem",
    "statistics.told": "Talade om för kommunerna vilka som är räknade",
    "statistics.too_few": "För få bidrag: ingenting summerades",
    "statistics.withheld": "Höll inne utgivningen: små tal skulle gå att räkna ut, eller summorna går inte ihop",
}

WIRE = {
    "wire.order": "Beställningen av statistik har fel form",
}

STATES = {
    "held": "Inte skickat: en siffra kan inte stämma",
    "sent": "Skickat; inte avgjort än om det är räknat",
    "counted": "Räknat i den nationella statistiken",
    "not_counted": "Inte räknat; samma händelser räknas nästa halvår",
}
