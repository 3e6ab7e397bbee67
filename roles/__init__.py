"""Who may do what (URPs, granted per organisation) and who is told what (notification roles)."""
