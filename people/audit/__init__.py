"""The audit trail: a chain of events for each organisation, written in the transaction of what they tell about.

``context`` says who acts and by which way, ``events`` what is written down and how it is hashed, ``states`` what a row
looks like before and after. ``actions`` are the verbs: ``record`` for one event, ``record_many`` for many,
``gathering`` around several verbs, ``blank`` for retention. ``verification`` reads the chains again.
"""
