"""The web service: models asked over HTTP, on the machine or in the hospital that runs it.

``app`` puts the parts together: ``routes`` lists what can be asked, ``gate`` stands before it,
``store`` holds the models and ``compiled`` scores one patient. A further concern (pages, FHIR,
CDS Hooks) is a module with a tuple of `Endpoint` that ``routes`` lists.
"""
