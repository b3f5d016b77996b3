"""Sign-in: who acts, by cookie on pages and by token at the API.

`plugin.AuthPlugin` puts everything in front of the routes. `access` is what each route declares,
`issuer` whom we believe, `tokens` and `person` the two decisions (is it real, who is it), `provider`
the realm's addresses, `sessions` and `store` the server-side sessions, `bearer` the API's tokens,
`csrf` what a form must prove, `routes` the pages of signing in and out.
"""
