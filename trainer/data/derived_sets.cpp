// SPDX-License-Identifier: LGPL-2.1-or-later
// Sets made of another set.
#include <utility>

#include "torchclassify/error.h"
#include "torchclassify/train/dataset.h"

namespace torchclassify {
namespace {

class Subset : public Dataset {
 public:
  Subset(const Dataset& base, std::vector<std::size_t> indices)
      : base_(base), indices_(std::move(indices)) {}

  const std::vector<std::string>& classes() const override {
    return base_.classes();
  }
  std::size_t size() const override { return indices_.size(); }
  int label(std::size_t index) const override {
    return base_.label(indices_[index]);
  }
  bool multi_label() const override { return base_.multi_label(); }
  std::vector<int> labels(std::size_t index) const override {
    return base_.labels(indices_[index]);
  }
  std::string name(std::size_t index) const override {
    return base_.name(indices_[index]);
  }
  std::string group(std::size_t index) const override {
    return base_.group(indices_[index]);
  }
  Picture picture(std::size_t index) const override {
    return base_.picture(indices_[index]);
  }
  std::optional<std::vector<std::uint8_t>> encoded(
      std::size_t index) const override {
    return base_.encoded(indices_[index]);
  }

 private:
  const Dataset& base_;
  std::vector<std::size_t> indices_;
};

class Renamed : public Dataset {
 public:
  Renamed(std::unique_ptr<Dataset> base, std::vector<std::string> classes)
      : base_(std::move(base)), classes_(std::move(classes)) {}

  const std::vector<std::string>& classes() const override { return classes_; }
  std::size_t size() const override { return base_->size(); }
  int label(std::size_t index) const override { return base_->label(index); }
  bool multi_label() const override { return base_->multi_label(); }
  std::vector<int> labels(std::size_t index) const override {
    return base_->labels(index);
  }
  std::string name(std::size_t index) const override {
    return base_->name(index);
  }
  std::string group(std::size_t index) const override {
    return base_->group(index);
  }
  Picture picture(std::size_t index) const override {
    return base_->picture(index);
  }
  std::optional<std::vector<std::uint8_t>> encoded(
      std::size_t index) const override {
    return base_->encoded(index);
  }

 private:
  std::unique_ptr<Dataset> base_;
  std::vector<std::string> classes_;
};

}  // namespace

std::unique_ptr<Dataset> subset(const Dataset& base,
                                std::vector<std::size_t> indices) {
  for (const std::size_t index : indices) {
    if (index >= base.size())
      throw Error(ErrorCode::kInvalidArgument,
                  "expected indices below " + std::to_string(base.size()) +
                      ", got " + std::to_string(index));
  }
  return std::make_unique<Subset>(base, std::move(indices));
}

std::unique_ptr<Dataset> renamed(std::unique_ptr<Dataset> base,
                                 std::vector<std::string> classes) {
  if (classes.size() != base->classes().size())
    throw Error(ErrorCode::kInvalidArgument,
                "expected names for " + std::to_string(base->classes().size()) +
                    " classes, got " + std::to_string(classes.size()));
  return std::make_unique<Renamed>(std::move(base), std::move(classes));
}

}  // namespace torchclassify
