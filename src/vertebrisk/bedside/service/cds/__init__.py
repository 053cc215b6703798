"""CDS Hooks over HTTP: discovery, cards for a patient, feedback."""
