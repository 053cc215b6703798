"""FHIR R4 over HTTP: questionnaires, patients read from resources, assessments."""
