"""What people are told: in the workbench always, by SMS and e-mail through adapters."""
