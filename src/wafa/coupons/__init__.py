"""The codes of campaigns, who has which, and what they were used on."""
