<?php

return [
    'array' => 'The :attribute must be an array.',
    'date' => 'The :attribute is not a valid date.',
    'email' => 'The :attribute must be a valid email address.',
    'exists' => 'The selected :attribute is invalid.',
    'in' => 'The selected :attribute is invalid.',
    'integer' => 'The :attribute must be an integer.',
    'max' => ['string' => 'The :attribute must not be greater than :max characters.'],
    'present' => 'The :attribute field must be present.',
    'regex' => 'The :attribute format is invalid.',
    'required' => 'The :attribute field is required.',
    'required_unless' => 'The :attribute field is required unless :other is in :values.',
    'string' => 'The :attribute must be a string.',
];
