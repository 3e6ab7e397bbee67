"""The way of an inbound file: receive, judge, decide line by line, answer (architecture §4).

``receive`` registers bytes and archives them, ``judge`` accepts, holds or refuses the file, ``apply`` decides its lines
batch by batch, ``answer`` writes the confirmation or refusal. ``actions`` are the verbs that others call.
"""
