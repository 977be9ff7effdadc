"""The HTML report: one page model, filled by a run or by a diff, printed by one template."""
