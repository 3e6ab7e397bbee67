"""What breaks each constraint of our models, and what stands beside it and is let in: one module for each part."""
