package weights

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Fill sets the variables below scope from PyTorch's parameters. It is strict: parameters that are
// missing, surplus or of another shape are all listed, and so are variables of another shape; then
// nothing is set.
func Fill(scope *model.Scope, pieces []Piece, parameters map[string]Tensor) error {
	problems := append(mismatches(pieces, parameters), misshapen(scope, pieces)...)
	if len(problems) > 0 {
		return fmt.Errorf("the weights do not fit: %s", strings.Join(problems, "; "))
	}
	values := map[string][]float32{}
	for _, piece := range pieces {
		if values[piece.Path] == nil {
			values[piece.Path] = make([]float32, product(piece.VariableShape))
		}
		piece.Store(parameters[piece.Name].Floats(), values[piece.Path])
	}
	for _, piece := range pieces { // in their order, which new variables keep
		value := values[piece.Path]
		if value == nil {
			continue // set already
		}
		delete(values, piece.Path)
		path := model.JoinPath(scope.Scope(), piece.Path)
		tensor := tensors.FromFlatDataAndDimensions(value, piece.VariableShape...)
		if variable := scope.Store().GetVariable(path); variable != nil {
			if err := variable.SetValue(tensor); err != nil {
				return err
			}
		} else if _, err := scope.Store().CreateVariable(path, tensor); err != nil {
			return err
		}
	}
	return nil
}

// misshapen lists variables that exist already with another shape or type than the pieces have.
func misshapen(scope *model.Scope, pieces []Piece) []string {
	var problems []string
	seen := map[string]bool{}
	for _, piece := range pieces {
		variable := scope.Store().GetVariable(model.JoinPath(scope.Scope(), piece.Path))
		if variable == nil || seen[piece.Path] {
			continue
		}
		seen[piece.Path] = true
		if got := variable.Shape(); got.DType != dtypes.Float32 || !slices.Equal(got.Dimensions, piece.VariableShape) {
			problems = append(problems, fmt.Sprintf("variable %s is %s in the model: expected float32 %v", piece.Path, got, piece.VariableShape))
		}
	}
	return problems
}

// Take reads PyTorch's parameters out of the variables below scope.
func Take(scope *model.Scope, pieces []Piece) (map[string]Tensor, error) {
	parameters, flats := make(map[string]Tensor, len(pieces)), map[string][]float32{}
	for _, piece := range pieces {
		if flats[piece.Path] == nil {
			variable := scope.Store().GetVariable(model.JoinPath(scope.Scope(), piece.Path))
			if variable == nil {
				return nil, fmt.Errorf("the model has no variable %s", piece.Path)
			}
			value, err := variable.Value()
			if err != nil {
				return nil, err
			}
			if flats[piece.Path], err = tensors.CopyFlatData[float32](value); err != nil {
				return nil, err
			}
			if !slices.Equal(value.Shape().Dimensions, piece.VariableShape) {
				return nil, fmt.Errorf("variable %s has shape %v: expected %v", piece.Path, value.Shape().Dimensions, piece.VariableShape)
			}
		}
		parameters[piece.Name] = Tensor{piece.Shape, piece.Load(flats[piece.Path])}
	}
	return parameters, nil
}

// mismatches lists what is wrong with a set of parameters.
func mismatches(pieces []Piece, parameters map[string]Tensor) []string {
	var problems []string
	expected := map[string]bool{}
	for _, piece := range pieces {
		expected[piece.Name] = true
		parameter, found := parameters[piece.Name]
		switch _, float := parameter.Data.([]float32); {
		case !found:
			problems = append(problems, fmt.Sprintf("%s is missing: expected %v", piece.Name, piece.Shape))
		case !float:
			problems = append(problems, fmt.Sprintf("%s has type %s: expected F32", piece.Name, parameter.DType()))
		case !slices.Equal(parameter.Shape, piece.Shape):
			problems = append(problems, fmt.Sprintf("%s has shape %v: expected %v", piece.Name, parameter.Shape, piece.Shape))
		}
	}
	var surplus []string
	for name, parameter := range parameters {
		if !expected[name] {
			surplus = append(surplus, fmt.Sprintf("%s of shape %v is not part of the model", quoted(name), parameter.Shape))
		}
	}
	slices.Sort(surplus)
	return append(problems, surplus...)
}
