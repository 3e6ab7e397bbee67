"""Files by hand: tables that people upload, from the file they chose to the result they take away.

receive ─▶ check (preview) ─▶ confirm ─▶ apply ─▶ result

``sheets`` reads and writes CSV and XLSX, whatever the bytes are. ``tables`` names what may be uploaded, by whom, and
how a template of it looks. ``storage`` keeps the bytes out of everybody's sight. ``run`` takes a file's rows through
the resources of django-import-export in one transaction, for the preview (rolled back) as for the real run;
completions go through the exchange engine instead. ``actions`` are the verbs that pages and tasks call.
"""
