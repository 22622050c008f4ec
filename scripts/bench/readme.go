package main

import "errors"

func readme(check bool) error { return errors.New("not there yet") }
