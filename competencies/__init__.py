"""The catalogue of competences, what people hold, what their posts require."""
