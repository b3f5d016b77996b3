"""How the nation's figures are made, in half a page; the same on the page and in the report."""

METHOD: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Så tas talen fram",
        (
            (
                "Varje kommun räknar samma fasta mått för varje halvår. En händelse räknas det halvår den "
                "inträffade, hos den kommun som då ansvarade. En överlämning räknas därför varken bort "
                "eller dubbelt."
            ),
            (
                "Kommunen delar sina tal i två slumpade delar och skickar en till var och en av två "
                "insamlare, som är olika myndigheter. Ingen av delarna säger något i sig. Insamlarna "
                "summerar över precis samma kommuner, samordningen lägger ihop de två summorna, och "
                "först då finns det ett tal. Ingen utom kommunen själv har sett kommunens tal."
            ),
            (
                "Tal kommer för hela landet varje halvår. En gång om året kommer också uppdelningar för "
                "landet, och totaler för grupper av län med minst fem bidragande kommuner. Gotland "
                "räknas med Stockholms län. Det finns inga andra tabeller, och ingen väg ner till en "
                "kommun."
            ),
        ),
    ),
    (
        "Vad som inte visas, och varför",
        (
            (
                "Ett tal visas inte om det gäller färre än fem personer, eller om färre än tre kommuner "
                "står bakom det. Samma sak gäller det som blir kvar när talet dras från sin summa. Att "
                "det inte finns någon alls sägs bara om en hel tabell."
            ),
            (
                "Ett tal som inte visas skulle ofta gå att räkna ut ur de andra. Därför döljs några "
                "större tal också. En beräkning ser efter hur nära varje känsligt tal går att komma med "
                "hjälp av alla tabeller som någonsin har getts ut: det ska kunna ligga minst fem ifrån "
                "varandra, annars ges ingenting ut."
            ),
            (
                "De tal som visas är exakta. Inget avrundas och inget brus läggs till. En väntetid visas "
                "bara när minst tio har väntat, i hela veckor."
            ),
        ),
    ),
    (
        "Vad som gäller när något är fel",
        (
            (
                "En utgivning ändras aldrig. Det som kommer in sent, eller visar sig vara fel, räknas i "
                "nästa halvår. Varje utgivning är undertecknad av samordningen, så att det går att se "
                "att talen är de som gavs ut."
            ),
            (
                "Antalet bidragande kommuner visas i steg om fem, så att det inte syns när en kommun "
                "kommer till eller faller bort."
            ),
        ),
    ),
)
