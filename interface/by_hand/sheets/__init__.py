"""Tables as files: CSV and XLSX read row by row within limits, whatever the bytes are, and written row by row.

Values in, values out: what is wrong is a ``SheetRefusedError`` for the whole file, or a problem of its row.
"""
