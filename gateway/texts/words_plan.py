"""The action plan in Swedish: statuses, refusals, and what the log says."""

STATUS = {
    "DONE": "Genomförd",
    "ONGOING": "Pågår",
    "RECURRING": "Återkommande",
    "PARTIAL": "Delvis eller avbruten",
    "NOT_STARTED": "Inte påbörjad",
    "REPORTED_ELSEWHERE": "Redovisas under annan punkt",
    "PLANNED": "Planerad",
}

OCCASION = {"HALF_TIME": "Efter halva tiden", "FINAL": "Slutrapport"}

SENTENCES = {
    "activity.area_missing": "Välj vilket område aktiviteten hör till.",
    "activity.area_unknown": "Området finns inte i planen. Välj ett av planens områden.",
    "activity.deviation_missing": "Skriv varför aktiviteten bara är delvis gjord, eller avbruten.",
    "activity.due_before_start": "Aktiviteten ska vara klar före den börjar. Ändra en av dagarna.",
    "activity.text_missing": "Skriv vad aktiviteten är och hur det har gått.",
    "coordination.days_wrong": "Insatsen ska gälla de närmaste dagarna: från mötet och högst {days} dagar fram.",
    "coordination.in_future": "Mötet har inte varit än. Skriv dagen då det hölls.",
    "coordination.seen_missing": "Skriv vad mötet såg i området.",
    "coordination.who_missing": "Skriv vilken funktion som gör insatsen, till exempel polisen.",
    "plan.area_in_use": "Område {number} måste stå kvar med sitt namn och sitt nummer: det står aktiviteter eller möten i det. Skriv nya områden sist.",
    "plan.area_twice": "Två områden heter likadant.",
    "plan.areas_missing": "Skriv minst ett område, ett på varje rad.",
    "plan.ends_before": "Planen slutar före den börjar. Ändra en av dagarna.",
    "plan.title_missing": "Skriv vad planen heter.",
    "plan.too_many_areas": "Planen får ha högst {most} områden.",
    "plan_report.proposal_missing": "Skriv vad kommunstyrelsen föreslås besluta.",
    "plan_report.title_missing": "Skriv vad rapporten heter.",
    "pledge.ends_before": "Löftet slutar före det börjar. Ändra en av dagarna.",
    "pledge.promise_missing": "Skriv vad som lovas.",
    "pledge.replaced_already": "Ett annat löfte har redan ersatt det.",
    "pledge.replaces_later": "Löftet måste börja efter det som det ersätter.",
    "pledge.replaces_unknown": "Löftet som ska ersättas finns inte i planen.",
}

EVENTS = {
    "plan.activity_saved": "Skrev en aktivitet i handlingsplanen",
    "plan.history_read": "Läste hur något i handlingsplanen har ändrats",
    "plan.line_saved": "Skrev från ett samordningsmöte",
    "plan.listed": "Läste listan över handlingsplaner",
    "plan.plan_saved": "Skrev ramen för en handlingsplan",
    "plan.pledge_saved": "Skrev ett medborgarlöfte",
    "plan.read": "Läste handlingsplanen",
    "plan.report_read": "Läste en rapport om handlingsplanen",
    "plan.report_saved": "Skrev texten i en rapport om handlingsplanen",
}
