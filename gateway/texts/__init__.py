"""All Swedish that is not in a template: words for codes, states, values, days."""
